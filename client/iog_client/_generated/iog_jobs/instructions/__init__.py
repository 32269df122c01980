from .client_open import client_open, ClientOpenArgs, ClientOpenAccounts
from .job_assign import job_assign, JobAssignAccounts
from .job_cancel import job_cancel, JobCancelAccounts
from .job_expire import job_expire, JobExpireAccounts
from .job_finish import job_finish, JobFinishArgs, JobFinishAccounts
from .job_open import job_open, JobOpenArgs, JobOpenAccounts
from .job_prove import job_prove, JobProveArgs, JobProveAccounts
from .job_settle import job_settle, JobSettleAccounts
from .job_start import job_start, JobStartAccounts
from .jobs_initialize import jobs_initialize, JobsInitializeArgs, JobsInitializeAccounts

__all__ = [
    "ClientOpenAccounts",
    "ClientOpenArgs",
    "JobAssignAccounts",
    "JobCancelAccounts",
    "JobExpireAccounts",
    "JobFinishAccounts",
    "JobFinishArgs",
    "JobOpenAccounts",
    "JobOpenArgs",
    "JobProveAccounts",
    "JobProveArgs",
    "JobSettleAccounts",
    "JobStartAccounts",
    "JobsInitializeAccounts",
    "JobsInitializeArgs",
    "client_open",
    "job_assign",
    "job_cancel",
    "job_expire",
    "job_finish",
    "job_open",
    "job_prove",
    "job_settle",
    "job_start",
    "jobs_initialize",
]
