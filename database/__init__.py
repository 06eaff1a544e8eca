"""The one store: PostgreSQL, its engine, the embedded server and the migrations."""
