"""Other ways to send telemetry rows, each as a scheme that the benchmark runs beside ours."""
