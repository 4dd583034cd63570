"""How the services are run: the embedded stack, the demo, containers, Kubernetes, dashboards."""
