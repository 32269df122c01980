"""What every step of a job's way works with."""

from dataclasses import dataclass

from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.handout import Handout
from iog_orchestrator.core.mail import MailRoom
from iog_orchestrator.core.matching import Matching
from iog_orchestrator.core.placing import Placing
from iog_orchestrator.core.reliability import Reliability
from iog_orchestrator.core.statements import Statements


@dataclass(frozen=True, slots=True)
class Means:
    """The parts of the core that all steps share."""

    sync: ChainSync
    matching: Matching
    placing: Placing
    handout: Handout
    agents: Agents
    statements: Statements
    mail: MailRoom
    reliability: Reliability


class Step:
    """A step of a job's way, with the shared parts at hand."""

    def __init__(self, context: Context, means: Means) -> None:
        self._context = context
        self._sync = means.sync
        self._matching = means.matching
        self._placing = means.placing
        self._handout = means.handout
        self._agents = means.agents
        self._statements = means.statements
        self._mail = means.mail
        self._reliability = means.reliability
