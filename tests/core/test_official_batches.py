"""What the official SDK 3.0.0 sent for the same programs, update for update."""

from __future__ import annotations

import json
from typing import Final

from core.flowing import Flowing, TinyContext

MAP: Final = (
    '{"Id":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97","Type":"CON'
    'TEXT","Action":"START","Name":"m","SubType":"Map"}',
    '{"Id":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591","Type":"CON'
    'TEXT","Action":"START","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d7'
    '92cc1c7d1775a97","Name":"map-item-0","SubType":"MapIteration"}',
    '{"Id":"48550629202cb2d0e1bd4f07d826361bbd2defa71565264c01647fc2da0e9b1e","Type":"STE'
    'P","Action":"START","ParentId":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b0'
    '8131bc72d591","Name":"w","SubType":"Step"}',
    '{"Id":"48550629202cb2d0e1bd4f07d826361bbd2defa71565264c01647fc2da0e9b1e","Type":"STE'
    'P","Action":"SUCCEED","ParentId":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0'
    'b08131bc72d591","Name":"w","SubType":"Step","Payload":"2"}',
    '{"Id":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591","Type":"CON'
    'TEXT","Action":"SUCCEED","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0'
    'd792cc1c7d1775a97","Name":"map-item-0","SubType":"MapIteration","Payload":"2","Conte'
    'xtOptions":{"ReplayChildren":false}}',
    '{"Id":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941a7755cc20fc4","Type":"CON'
    'TEXT","Action":"START","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d7'
    '92cc1c7d1775a97","Name":"map-item-1","SubType":"MapIteration"}',
    '{"Id":"d0bd0541a3db98c1beecb6c41cd964f92910f1d367864202697b001344bd70b3","Type":"STE'
    'P","Action":"START","ParentId":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941'
    'a7755cc20fc4","Name":"w","SubType":"Step"}',
    '{"Id":"d0bd0541a3db98c1beecb6c41cd964f92910f1d367864202697b001344bd70b3","Type":"STE'
    'P","Action":"SUCCEED","ParentId":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f09'
    '41a7755cc20fc4","Name":"w","SubType":"Step","Payload":"4"}',
    '{"Id":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941a7755cc20fc4","Type":"CON'
    'TEXT","Action":"SUCCEED","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0'
    'd792cc1c7d1775a97","Name":"map-item-1","SubType":"MapIteration","Payload":"4","Conte'
    'xtOptions":{"ReplayChildren":false}}',
    '{"Id":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97","Type":"CON'
    'TEXT","Action":"SUCCEED","Name":"m","SubType":"Map","Payload":"{\\"t\\":\\"br\\",\\"v\\":{'
    '\\"all\\":{\\"t\\":\\"l\\",\\"v\\":[{\\"t\\":\\"m\\",\\"v\\":{\\"index\\":{\\"t\\":\\"i\\",\\"v\\":0},\\"st'
    'atus\\":{\\"t\\":\\"s\\",\\"v\\":\\"SUCCEEDED\\"},\\"result\\":{\\"t\\":\\"i\\",\\"v\\":2},\\"error\\":'
    '{\\"t\\":\\"n\\",\\"v\\":null}}},{\\"t\\":\\"m\\",\\"v\\":{\\"index\\":{\\"t\\":\\"i\\",\\"v\\":1},\\"sta'
    'tus\\":{\\"t\\":\\"s\\",\\"v\\":\\"SUCCEEDED\\"},\\"result\\":{\\"t\\":\\"i\\",\\"v\\":4},\\"error\\":{'
    '\\"t\\":\\"n\\",\\"v\\":null}}}]},\\"completionReason\\":{\\"t\\":\\"s\\",\\"v\\":\\"ALL_COMPLETED\\'
    '"}}}","ContextOptions":{"ReplayChildren":false}}',
)

PARALLEL: Final = (
    '{"Id":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97","Type":"CON'
    'TEXT","Action":"START","Name":"p","SubType":"Parallel"}',
    '{"Id":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591","Type":"CON'
    'TEXT","Action":"START","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d7'
    '92cc1c7d1775a97","Name":"parallel-branch-0","SubType":"ParallelBranch"}',
    '{"Id":"1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591","Type":"CON'
    'TEXT","Action":"SUCCEED","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0'
    'd792cc1c7d1775a97","Name":"parallel-branch-0","SubType":"ParallelBranch","Payload":"'
    '{\\"t\\":\\"m\\",\\"v\\":{\\"a\\":{\\"t\\":\\"i\\",\\"v\\":1}}}","ContextOptions":{"ReplayChildren'
    '":false}}',
    '{"Id":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941a7755cc20fc4","Type":"CON'
    'TEXT","Action":"START","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d7'
    '92cc1c7d1775a97","Name":"parallel-branch-1","SubType":"ParallelBranch"}',
    '{"Id":"974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941a7755cc20fc4","Type":"CON'
    'TEXT","Action":"FAIL","ParentId":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d79'
    '2cc1c7d1775a97","Name":"parallel-branch-1","SubType":"ParallelBranch","Error":{"Erro'
    'rMessage":"x","ErrorType":"ValueError"}}',
    '{"Id":"1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97","Type":"CON'
    'TEXT","Action":"SUCCEED","Name":"p","SubType":"Parallel","Payload":"{\\"t\\":\\"br\\",\\"'
    'v\\":{\\"all\\":{\\"t\\":\\"l\\",\\"v\\":[{\\"t\\":\\"m\\",\\"v\\":{\\"index\\":{\\"t\\":\\"i\\",\\"v\\":0}'
    ',\\"status\\":{\\"t\\":\\"s\\",\\"v\\":\\"SUCCEEDED\\"},\\"result\\":{\\"t\\":\\"m\\",\\"v\\":{\\"a\\":{'
    '\\"t\\":\\"i\\",\\"v\\":1}}},\\"error\\":{\\"t\\":\\"n\\",\\"v\\":null}}},{\\"t\\":\\"m\\",\\"v\\":{\\"in'
    'dex\\":{\\"t\\":\\"i\\",\\"v\\":1},\\"status\\":{\\"t\\":\\"s\\",\\"v\\":\\"FAILED\\"},\\"result\\":{\\"'
    't\\":\\"n\\",\\"v\\":null},\\"error\\":{\\"t\\":\\"m\\",\\"v\\":{\\"ErrorMessage\\":{\\"t\\":\\"s\\",\\"'
    'v\\":\\"x\\"},\\"ErrorType\\":{\\"t\\":\\"s\\",\\"v\\":\\"ValueError\\"}}}}}]},\\"completionReason'
    '\\":{\\"t\\":\\"s\\",\\"v\\":\\"FAILURE_TOLERANCE_EXCEEDED\\"}}}","ContextOptions":{"ReplayCh'
    'ildren":false}}',
)


def test_a_map() -> None:
    async def double(ctx: TinyContext, item: int, index: int) -> int:
        return await ctx.step(lambda: item * 2, name="w")

    async def program(ctx: TinyContext) -> list[int]:
        return (await ctx.map([1, 2], double, name="m", max_concurrency=1)).results

    flowing = Flowing().run(program)
    sent = [update for request in flowing.updates for update in request]
    assert sent == [json.loads(each) for each in MAP]
    assert flowing.result == [2, 4]


def test_a_parallel_with_a_branch_that_fails() -> None:
    async def good(ctx: TinyContext) -> object:
        return {"a": 1}

    async def bad(ctx: TinyContext) -> object:
        raise ValueError("x")

    async def program(ctx: TinyContext) -> object:
        return (await ctx.parallel(good, bad, name="p", max_concurrency=1)).to_dict()

    flowing = Flowing().run(program)
    sent = [update for request in flowing.updates for update in request]
    assert sent == [json.loads(each) for each in PARALLEL]
    assert flowing.again(program).result == flowing.result
