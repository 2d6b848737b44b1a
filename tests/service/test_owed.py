"""Who is invoked next, where not every function can be invoked."""

from __future__ import annotations

from service.world import World


class Asked:
    """The functions that are served; it counts how often it is asked."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.count = 0

    def __contains__(self, name: object) -> bool:
        self.count += 1
        return name in self._names


def sent(world: World, served: Asked) -> str | None:
    invocation = world.service.invocation_to_send(world.now, served)
    return None if invocation is None else invocation.arn


def test_those_that_nobody_serves_are_not_gone_through() -> None:
    world = World()
    for _ in range(50):
        world.start(function_name="gone")
    there = world.start(function_name="there")
    served = Asked("there")
    assert sent(world, served) == there
    assert served.count <= 2
    assert sent(world, served) is None
    assert served.count <= 3


def test_of_those_that_are_served_the_one_that_waits_longest_is_first() -> None:
    world = World()
    names = ("f", "gone", "g", "f", "gone", "g", "f")
    arns = [world.start(function_name=name) for name in names]
    left = [arn for name, arn in zip(names, arns, strict=True) if name != "gone"]
    gone = [arn for name, arn in zip(names, arns, strict=True) if name == "gone"]
    served = Asked("f", "g")
    assert [sent(world, served) for _ in range(6)] == [*left, None]
    later = world.start(function_name="f")
    back = Asked("f", "g", "gone")
    assert [sent(world, back) for _ in range(4)] == [*gone, later, None]


def test_one_that_is_stopped_leaves_its_place() -> None:
    world = World()
    first = world.start()
    second = world.start()
    world.arn = first
    world.stop()
    assert sent(world, Asked("f")) == second
