"""Nodes, stake and co-stake in any order, with the flag of a case and the program's pause set and
cleared in between, as slashing and the guardian do."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from node_machine import NODES, NodeMachine

from machines import machine_test

RARELY = st.sampled_from([False, False, False, True])


class Nodes(NodeMachine):
    @rule(index=NODES, flag=RARELY)
    def a_case_opens_or_closes(self, index: int, flag: bool) -> None:
        self.model.nodes[index].case_open = int(flag)
        self.nodes[index].open_case(flag)

    @rule(paused=RARELY)
    def the_program_pauses_or_resumes(self, paused: bool) -> None:
        self.model.paused = paused
        self.nodes[0].pause_program(paused)


TestNodes = machine_test(Nodes, examples=45, steps=60)
