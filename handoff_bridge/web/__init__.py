"""The doors of the bridge: HTTP and WebSocket in, JSON out. The only modules that know Sanic."""
