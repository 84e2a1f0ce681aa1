"""JupyterHub on one machine: one password for the room, a Linux user and a limit for each seat.

HUB_PASSWORD=... SEATS=30 jupyterhub -f jupyterhub_config.py
"""

import os

SEATS = int(os.environ.get("SEATS", "30"))
LIMIT = 2 * 2**30  # bytes of each kernel; measured.md says what a chapter takes

c = get_config()  # noqa: F821, JupyterHub puts it there
c.JupyterHub.bind_url = os.environ.get("HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.Authenticator.allowed_users = {f"seat{k:02}" for k in range(1, SEATS + 1)}

# A server and each of its kernels inherit the limit; beyond it an allocation fails, and only there.
c.Spawner.cmd = ["prlimit", f"--data={LIMIT}", "jupyterhub-singleuser"]
c.Spawner.mem_limit = LIMIT  # shown to the learner by jupyter-resource-usage
c.Spawner.environment = {"OMP_NUM_THREADS": "1"}  # or kernels slow each other down many times over
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1200",  # a chapter left open gives its memory back
    "--MappingKernelManager.cull_connected=True",
]
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # all log in within the same minute
c.JupyterHub.concurrent_spawn_limit = SEATS
