"""A stand-in for Dagger's Python SDK that knows every name and argument of the API, and does nothing.

It is made from a table of types, so that an example that names a function or an argument that is not there
fails when it is called. ATTEST_TYPES is the path of the table, JSON.
"""

import json
import os
from typing import Any, Callable

with open(os.environ["ATTEST_TYPES"], encoding="utf-8") as table:
    _types: dict[str, dict[str, Any]] = json.load(table)


class _Value:
    """An object of the API: attributes are its functions, and awaiting it gives itself."""

    def __init__(self, type_name: str) -> None:
        self._type = type_name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        functions = _types["objects"][self._type]
        if name.startswith("__") or name not in functions:
            raise AttributeError(f"{self._type} has no function {name}")
        return lambda *args, **given: _call(f"{self._type}.{name}", functions[name], args, given)

    def __await__(self) -> Any:
        if False:
            yield
        return self


class _Scalar:
    """What a function returns that has to be awaited: text, numbers, lists."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Any:
        if False:
            yield
        return self._value


def _call(where: str, function: dict[str, Any], args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    required = function["required"]
    if len(args) > len(required):
        raise TypeError(f"{where} takes {len(required)} arguments without names")
    named = dict(zip(required, args)) | given
    unknown = [name for name in named if name not in required and name not in function["optional"]]
    missing = [name for name in required if name not in named]
    if unknown or missing:
        raise TypeError(f"{where}: unknown {unknown}, missing {missing}")
    returns = function["returns"]
    if isinstance(returns, list):
        return _Scalar([_Value(returns[0])] if returns[0] in _types["objects"] else ["text"])
    return _Value(returns) if returns in _types["objects"] else _Scalar("text")


def _decorator(*args: Any, **_given: Any) -> Any:
    return args[0] if args and callable(args[0]) else (lambda target: target)


function = object_type = check = _decorator
dag = _Value("Query")


def field(**_given: Any) -> Any:
    return None


def Doc(text: str) -> str:
    return text


def DefaultPath(text: str) -> str:
    return text


def Ignore(patterns: list[str]) -> list[str]:
    return patterns


def __getattr__(name: str) -> Any:
    if name in _types["objects"]:
        return type(name, (_Value,), {"__init__": lambda self: _Value.__init__(self, name)})
    if name in _types["enums"]:
        return type(name, (), {member: member for member in _types["enums"][name]})
    raise AttributeError(f"the API has no {name}")
