"""The XML parser that feedparser is given, found by this module's name."""

from __future__ import annotations

from xml.sax.xmlreader import XMLReader

from defusedxml.expatreader import DefusedExpatParser


def create_parser() -> XMLReader:
    """Refuses entity declarations. A document type elsewhere, which old feeds name, is neither refused nor loaded."""
    return DefusedExpatParser(forbid_external=False)  # feature_external_ges is off by default
