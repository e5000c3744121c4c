"""A mutant: one guard of the product's own code, written otherwise for the length of a block, and the test that must see it."""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import CodeType, FunctionType


class NothingToMutate(LookupError):
    """The mutant names code that is not there any more: whoever moved it says where the guard is now."""


@dataclass(frozen=True)
class Edit:
    """In the source of `where` ("module:Class.function") the words `before`, which stand there once, become `after`."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    """`proof` is the test that fails with it, as pytest names it; by an assertion, or by one of the errors of `shown_by`.

    Most are one edit. Where two guards do the same work, only both together let anything through.
    """

    name: str
    breaks: str
    edits: tuple[Edit, ...]
    proof: str
    shown_by: tuple[str, ...] = ()

    @property
    def test(self) -> str:
        """The proof without its parameters."""
        return self.proof.partition("[")[0]


@contextmanager
def mutated(mutant: Mutant) -> Generator[None]:
    """The code is as the mutant has it, for everybody in this process; as it was after the block.

    Raises:
        NothingToMutate: a function is gone, or its words are.
    """
    with ExitStack() as stack:
        for edit in mutant.edits:
            stack.enter_context(_edited(edit))
        yield


@contextmanager
def _edited(edit: Edit) -> Generator[None]:
    function = function_at(edit.where)
    before, after = function.__code__, _compiled(function, edit)
    # The function itself stays: whoever has imported it runs the other code too.
    function.__code__ = after
    try:
        yield
    finally:
        function.__code__ = before


def function_at(where: str) -> FunctionType:
    """The plain function behind a name, whatever wraps it.

    Raises:
        NothingToMutate: there is none.
    """
    module_name, _, path = where.partition(":")
    try:
        found: object = import_module(module_name)
        for part in path.split("."):
            found = inspect.getattr_static(found, part)
    except (ImportError, AttributeError) as error:
        raise NothingToMutate(f"{where} is gone: {error}") from error
    function = inspect.unwrap(_unbound(found))
    if not isinstance(function, FunctionType):
        raise NothingToMutate(f"{where} is no function.")
    return function


def _unbound(found: object) -> Callable[..., object]:
    match found:
        case property():
            return found.fget
        case cached_property():
            return found.func
        case classmethod() | staticmethod():
            return found.__func__
        case _:
            return found


def _compiled(function: FunctionType, edit: Edit) -> CodeType:
    """The function's code with the edit in it, closed over the same names."""
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(edit.before) != 1:
        raise NothingToMutate(f"{edit.where} has {source.count(edit.before)} times {edit.before!r}, instead of once.")
    (written,) = ast.parse(source.replace(edit.before, edit.after)).body
    written.decorator_list, written.type_params = [], []
    # What the function closes over (`super()` needs its class) are arguments of a function around it.
    frame = ast.parse(f"def around({', '.join(function.__code__.co_freevars)}): pass")
    frame.body[0].body = [written]
    flags = function.__code__.co_flags & __future__.annotations.compiler_flag
    whole = compile(ast.fix_missing_locations(frame), f"<mutant of {edit.where}>", "exec", flags=flags, dont_inherit=True)
    around = next(part for part in whole.co_consts if isinstance(part, CodeType))
    code = next(part for part in around.co_consts if isinstance(part, CodeType) and part.co_name == written.name)
    if code.co_freevars != function.__code__.co_freevars:
        raise NothingToMutate(f"{edit.where} closes over {function.__code__.co_freevars}, its mutant over {code.co_freevars}.")
    return code
