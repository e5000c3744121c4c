"""Brings organizations to life: warm pool, saga, blueprints."""
