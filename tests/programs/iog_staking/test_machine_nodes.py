"""Nodes, stake and co-stake in any order, with the flag of a case and the program's pause set and
cleared in between, as slashing and the guardian do."""

from hypothesis.stateful import rule
from node_machine import NODES, NodeMachine

from machines import machine_test


class Nodes(NodeMachine):
    @rule(index=NODES)
    def a_case_opens_or_closes(self, index: int) -> None:
        node = self.model.nodes[index]
        node.case_open = 1 - node.case_open
        self.nodes[index].open_case(node.case_open)

    @rule()
    def the_program_pauses_or_resumes(self) -> None:
        self.model.paused = not self.model.paused
        self.nodes[0].pause_program(self.model.paused)


TestNodes = machine_test(Nodes, examples=40, steps=60)
