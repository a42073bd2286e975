"""The database: tables, repositories, migrations."""
