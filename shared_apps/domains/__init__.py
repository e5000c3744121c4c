"""Domains that organizations bring along: from a claim by proof to a certificate, and what became of them since."""
