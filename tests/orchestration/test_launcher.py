from tests.support.libraries.canary import canary


def test_dagster_still_has_the_private_parts_that_the_launcher_builds_on():
    with canary("dagster", "orchestration/launcher.py"):
        from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
        from dagster._grpc.client import DagsterGrpcClient
        from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
        from dagster._serdes import deserialize_value, serialize_value

        from orchestration.launcher import DefaultRunLauncher, RunLauncher

        overridden = ("supports_check_run_worker_health", "check_run_worker_health")
        for name in (*overridden, "_get_grpc_client_for_termination"):
            assert hasattr(DefaultRunLauncher, name), f"DefaultRunLauncher has no {name}"
        assert isinstance(DefaultRunLauncher.supports_check_run_worker_health, property)
        assert RunLauncher.supports_check_run_worker_health.fget(None) is True
        assert CheckRunHealthResult(WorkerStatus.RUNNING) != CheckRunHealthResult(WorkerStatus.NOT_FOUND)
        assert callable(DagsterGrpcClient.can_cancel_execution)
        assert CanCancelExecutionRequest(run_id="x").run_id == "x"
        answer = serialize_value(CanCancelExecutionResult(can_cancel=True))
        assert deserialize_value(answer, CanCancelExecutionResult).can_cancel
