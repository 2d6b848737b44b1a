"""Whatever clients do, legal or not, some things always hold."""

from __future__ import annotations

from hypothesis import settings

from service.law_machine import Machine

TestLaws = Machine.TestCase
TestLaws.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
