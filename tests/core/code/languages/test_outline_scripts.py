"""Outlines of Bash, Lua and Elixir."""

from __future__ import annotations

from tests.core.code.languages.outlined import outlined

BASH = """\
#!/bin/bash
source ./lib.sh
. other.sh
LIMIT=5
export X=1
# Says.
say() { local y=1; inner() { :; }; }
function go { echo; }
"""


def test_bash_functions_and_sourced_files() -> None:
    assert (
        outlined("shop.sh", BASH)
        == """\
variable LIMIT 4-4
variable X 5-5
function say 7-7 Says.
function say.inner 7-7
function go 8-8
import ./lib.sh * -
import other.sh * -
"""
    )


LUA = """\
local m = require("shop.m")
local x = require 'y'
-- Adds.
local function add(a, b) return a end
function M.total(self) end
function M:method() end
local f = function() end
M.g = function() end
local t = { h = function() end, n = 1 }
LIMIT = 5
return M
"""


def test_lua_functions_of_tables() -> None:
    assert (
        outlined("shop.lua", LUA)
        == """\
function add 4-4 Adds.
method M.total 5-5
method M.method 6-6
function f 7-7
method M.g 8-8
variable t 9-9
function t.h 9-9
variable LIMIT 10-10
import shop.m - m
import y - x
"""
    )


ELIXIR = """\
defmodule Shop.Order do
  @moduledoc \"\"\"
  An order.
  \"\"\"
  use GenServer
  import Foo.Bar
  alias A.B.C
  alias A.{D, E}
  alias A.F, as: G
  require Logger
  @limit 5
  @doc "Total."
  @spec total(t) :: integer
  def total(x) when x > 1 do 1 end
  defp priv, do: 1
  defmacro mac(x) do x end
  defmodule Inner do
    def f(x), do: x
  end
  def init(arg) do
    {:ok, arg}
  end
end
defprotocol P do
  def go(x)
end
defimpl P, for: Integer do
  def go(x), do: x
end
"""


def test_elixir_clauses_and_docs_ahead() -> None:
    assert (
        outlined("shop.ex", ELIXIR)
        == """\
class Shop.Order 1-23 (GenServer) An order.
method Shop.Order.total 12-14 Total.
method Shop.Order.priv 15-15
method Shop.Order.mac 16-16
class Shop.Order.Inner 17-19
method Shop.Order.Inner.f 18-18
method Shop.Order.init 20-22
class P 24-26
method P.go 25-25
method P.go 28-28
import GenServer * -
import Foo.Bar * -
import A.B.C - C
import A D D
import A E E
import A.F - G
import Logger * -
"""
    )
