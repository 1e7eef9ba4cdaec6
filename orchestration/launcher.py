"""How runs are started, and how the monitor learns that one has died: the fence around Dagster's launcher.

Without it a run whose worker and server were killed together, say by a power cut, would hold the only slot for hours.
No other module imports private parts of Dagster; tests/orchestration/test_launcher.py fails when they move.
"""

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value


class RunLauncher(DefaultRunLauncher):
    """Dagster's own launcher, with a health check of runs for the monitor.

    The server that starts a run's worker marks the run when the worker is killed. When that server was killed with it,
    only the monitor can.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether the monitor may check runs."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Ask the server that started the worker whether the worker runs."""
        server = self._get_grpc_client_for_termination(run.run_id)
        return CheckRunHealthResult(WorkerStatus.RUNNING if server and _works(server, run) else WorkerStatus.NOT_FOUND)


def _works(server: DagsterGrpcClient, run: dg.DagsterRun) -> bool:
    try:
        answer = server.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id))
    except DagsterUserCodeUnreachableError:
        return False
    return deserialize_value(answer, CanCancelExecutionResult).can_cancel
