from .arbiter_set import arbiter_set, ArbiterSetArgs, ArbiterSetAccounts
from .authority_accept import authority_accept, AuthorityAcceptAccounts
from .authority_propose import (
    authority_propose,
    AuthorityProposeArgs,
    AuthorityProposeAccounts,
)
from .client_open import client_open, ClientOpenArgs, ClientOpenAccounts
from .delegate_close import delegate_close, DelegateCloseAccounts
from .delegate_set import delegate_set, DelegateSetArgs, DelegateSetAccounts
from .fees_collect import fees_collect, FeesCollectAccounts
from .gang_open import gang_open, GangOpenArgs, GangOpenAccounts
from .gang_start import gang_start, GangStartAccounts
from .guardian_set import guardian_set, GuardianSetArgs, GuardianSetAccounts
from .job_assign import job_assign, JobAssignAccounts
from .job_cancel import job_cancel, JobCancelAccounts
from .job_dispute import job_dispute, JobDisputeAccounts
from .job_expire import job_expire, JobExpireAccounts
from .job_extend import job_extend, JobExtendArgs, JobExtendAccounts
from .job_finish import job_finish, JobFinishArgs, JobFinishAccounts
from .job_join import job_join, JobJoinAccounts
from .job_open import job_open, JobOpenArgs, JobOpenAccounts
from .job_prove import job_prove, JobProveArgs, JobProveAccounts
from .job_release import job_release, JobReleaseArgs, JobReleaseAccounts
from .job_resolve import job_resolve, JobResolveArgs, JobResolveAccounts
from .job_settle import job_settle, JobSettleAccounts
from .job_start import job_start, JobStartAccounts
from .jobs_initialize import jobs_initialize, JobsInitializeArgs, JobsInitializeAccounts
from .jobs_pause import jobs_pause, JobsPauseAccounts
from .jobs_resume import jobs_resume, JobsResumeAccounts
from .treasury_set import treasury_set, TreasurySetArgs, TreasurySetAccounts

__all__ = [
    "ArbiterSetAccounts",
    "ArbiterSetArgs",
    "AuthorityAcceptAccounts",
    "AuthorityProposeAccounts",
    "AuthorityProposeArgs",
    "ClientOpenAccounts",
    "ClientOpenArgs",
    "DelegateCloseAccounts",
    "DelegateSetAccounts",
    "DelegateSetArgs",
    "FeesCollectAccounts",
    "GangOpenAccounts",
    "GangOpenArgs",
    "GangStartAccounts",
    "GuardianSetAccounts",
    "GuardianSetArgs",
    "JobAssignAccounts",
    "JobCancelAccounts",
    "JobDisputeAccounts",
    "JobExpireAccounts",
    "JobExtendAccounts",
    "JobExtendArgs",
    "JobFinishAccounts",
    "JobFinishArgs",
    "JobJoinAccounts",
    "JobOpenAccounts",
    "JobOpenArgs",
    "JobProveAccounts",
    "JobProveArgs",
    "JobReleaseAccounts",
    "JobReleaseArgs",
    "JobResolveAccounts",
    "JobResolveArgs",
    "JobSettleAccounts",
    "JobStartAccounts",
    "JobsInitializeAccounts",
    "JobsInitializeArgs",
    "JobsPauseAccounts",
    "JobsResumeAccounts",
    "TreasurySetAccounts",
    "TreasurySetArgs",
    "arbiter_set",
    "authority_accept",
    "authority_propose",
    "client_open",
    "delegate_close",
    "delegate_set",
    "fees_collect",
    "gang_open",
    "gang_start",
    "guardian_set",
    "job_assign",
    "job_cancel",
    "job_dispute",
    "job_expire",
    "job_extend",
    "job_finish",
    "job_join",
    "job_open",
    "job_prove",
    "job_release",
    "job_resolve",
    "job_settle",
    "job_start",
    "jobs_initialize",
    "jobs_pause",
    "jobs_resume",
    "treasury_set",
]
