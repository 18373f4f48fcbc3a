"""What a new page costs the server."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from bokeh.document.models import DocumentModelManager

from sim.explorer.library import Library
from tests.explorer.hostile import running


def test_the_models_of_a_new_page_are_looked_for_once(library: Library, monkeypatch: pytest.MonkeyPatch):
    searched = []
    search = DocumentModelManager.recompute

    def counted(models: DocumentModelManager) -> None:
        if models._freeze_count == 0:
            searched.append(models)
        search(models)

    monkeypatch.setattr(DocumentModelManager, "recompute", counted)
    with running(library) as server:
        connection = HTTPConnection(urlsplit(server.address).netloc, timeout=120)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
    assert len(searched) == 1
