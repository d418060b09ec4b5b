from __future__ import annotations

import copy

import pytest

from postdate.domain.immutable import copy_with, immutable


@immutable
class Parcel:
    """A value with a required and a defaulted field."""

    weight: int
    labels: tuple[str, ...] = ()


@immutable
class Insured(Parcel):
    """A value that inherits fields."""

    sum_insured: int = 0


def test_a_copy_has_the_new_values_and_all_other_fields() -> None:
    parcel = Parcel(weight=2, labels=("fragile",))
    assert copy_with(parcel, {"weight": 3}) == Parcel(weight=3, labels=("fragile",))
    assert parcel == Parcel(weight=2, labels=("fragile",))


def test_a_copy_is_equal_to_its_original_and_hashes_alike() -> None:
    parcel = Parcel(weight=2, labels=("fragile",))
    copied = copy.copy(parcel)
    assert copied is not parcel
    assert (copied, hash(copied)) == (parcel, hash(parcel))


def test_inherited_fields_are_copied_too() -> None:
    insured = Insured(weight=2, labels=("fragile",), sum_insured=500)
    assert copy_with(insured, {"sum_insured": 700}) == Insured(weight=2, labels=("fragile",), sum_insured=700)


def test_a_change_of_a_field_that_the_class_does_not_have_is_refused() -> None:
    with pytest.raises(AttributeError):
        copy_with(Parcel(weight=2), {"wieght": 3})
