"""Imports a module's source and calls every function of its classes, each argument with a stand-in."""

import asyncio
import importlib
import inspect
import sys
import typing

import dagger


def value_for(annotation: object) -> object:
    """A value of an argument's type: an object of the API by its class, otherwise a text."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return value_for(typing.get_args(annotation)[0])
    if origin is list:
        return [value_for(typing.get_args(annotation)[0])]
    if origin is not None:
        return value_for(typing.get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, dagger._Value):
        return annotation()
    return annotation() if isinstance(annotation, type) and annotation in (str, int, bool) else "text"


async def call(owner: type, name: str) -> None:
    function = getattr(owner(), name)
    hints = typing.get_type_hints(function, include_extras=True)
    given = {argument: value_for(hints.get(argument)) for argument in inspect.signature(function).parameters}
    result = function(**given)
    if inspect.isawaitable(result):
        await result


async def main(module_name: str) -> None:
    module = importlib.import_module(module_name)
    called = 0
    for _, owner in inspect.getmembers(module, inspect.isclass):
        for name, _ in inspect.getmembers(owner, inspect.isfunction):
            if owner.__module__ == module_name and not name.startswith("_"):
                await call(owner, name)
                called += 1
    print(called)


asyncio.run(main(sys.argv[1]))
