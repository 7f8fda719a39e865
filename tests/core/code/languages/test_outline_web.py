"""Outlines of JavaScript, TypeScript, PHP and Ruby."""

from __future__ import annotations

from tests.core.code.languages.outlined import outlined

JAVASCRIPT = """\
import def, { a as b, c } from './m.js';
import * as ns from "ns";
import './side.css';
const x = require('x'), { y } = require('./y');
export { z } from './z';
export * from './w';
export default class Foo extends Bar {
  field = () => 1;
  static #p = function () {};
  get total() { return 1 }
  constructor() { super() }
}
export const api = { get(id) { return id }, post: async (x) => x, n: 1, del: function() {} };
const f = async (q) => q, LIMIT = 5;
exports.go = function () {};
module.exports.run = () => 1;
module.exports = { stop() {}, start: () => 1 };
Foo.prototype.bar = function () { function inner() {} };
function* gen() {}
export default function () {}
let Klass = class extends React.Component {};
describe('x', () => { const h = () => 1; });
"""


def test_javascript_functions_are_found_however_they_are_given_a_name() -> None:
    assert (
        outlined("shop.js", JAVASCRIPT)
        == """\
class Foo 7-12 (Bar)
method Foo.field 8-8
method Foo.#p 9-9
method Foo.total 10-10
method Foo.constructor 11-11
variable api 13-13
method api.get 13-13
method api.post 13-13
method api.del 13-13
function f 14-14
variable LIMIT 14-14
function go 15-15
function run 16-16
function stop 17-17
function start 17-17
method Foo.bar 18-18
function Foo.bar.inner 18-18
function gen 19-19
class Klass 21-21 (React.Component)
function h 22-22
import ./m.js default def
import ./m.js c c
import ./m.js a b
import ns - ns
import ./side.css * -
import x - x
import ./y y y
import ./z z z
import ./w * -
"""
    )


TYPESCRIPT = """\
import type { T } from './t';
import fs = require('fs');
export interface A<X> extends B, C<X> { m(): void; p: string }
type Alias = string;
enum Color { Red }
abstract class K<T> extends L<T> implements A<T>, ns.D {
  @Input() name: string;
  @HostListener('x')
  onX(e: Event): void {}
  private h = (e) => 1;
  abstract foo(): void;
}
namespace N { export function q() {} }
declare module 'foo' { function w(): void }
declare function dd(): void;
@Component({})
export class Cmp {}
export const s: string = 'x';
"""


def test_typescript_types_decorators_and_namespaces() -> None:
    assert (
        outlined("shop.ts", TYPESCRIPT)
        == """\
class A 3-3 (B, C<X>)
method A.m 3-3
class Alias 4-4
class Color 5-5
class K 6-12 (L, A<T>, ns.D)
method K.onX 8-9
method K.h 10-10
method K.foo 11-11
class N 13-13
method N.q 13-13
function w 14-14
function dd 15-15
class Cmp 16-17
variable s 18-18
import ./t T T
import fs - fs
"""
    )


PHP = """\
<?php
namespace Shop\\Core;
use Foo\\Bar;
use Foo\\{Baz, Qux as Q};
use function Foo\\help;
require_once __DIR__ . '/x.php';
require 'y.php';
const LIMIT = 5;
/** An order. */
#[Entity]
abstract class Order extends Base implements \\IteratorAggregate, Countable {
  use Loggable;
  const X = 1;
  /**
   * Total.
   */
  #[Pure]
  public function total(): int { return 1; }
  public static function make() { $f = function() {}; }
}
interface Sells { public function sell(); }
trait Loggable { function log() {} }
enum Suit: string { case A = 'a'; public function f() {} }
function top() { function inner() {} }
"""


def test_php_classes_traits_and_grouped_imports() -> None:
    assert (
        outlined("shop.php", PHP)
        == """\
variable LIMIT 8-8
class Order 10-20 (Base, \\IteratorAggregate, Countable, Loggable) An order.
variable Order.X 13-13
method Order.total 17-18 Total.
method Order.make 19-19
class Sells 21-21
method Sells.sell 21-21
class Loggable 22-22
method Loggable.log 22-22
class Suit 23-23
method Suit.f 23-23
function top 24-24
function top.inner 24-24
import Foo Bar Bar
import Foo Baz Baz
import Foo Qux Q
import Foo help help
import ./x.php * -
import y.php * -
"""
    )


RUBY = """\
require 'json'
require_relative "lib/x"
autoload :Foo, 'foo'
# Shop.
module Shop
  LIMIT = 5
  # An order.
  class Order < Base::Record
    include Comparable
    attr_reader :price, :name
    def total; end
    def self.build(x)
      def inner; end
    end
    class << self
      def make; end
    end
    def ==(o) end
    Point = Struct.new(:x) do
      def dist; end
    end
  end
  class A::B; def m?; end; end
end
def top; end
"""


def test_ruby_modules_mixins_and_attributes() -> None:
    assert (
        outlined("shop.rb", RUBY)
        == """\
class Shop 5-24 Shop.
variable Shop.LIMIT 6-6
class Shop.Order 8-22 (Base::Record, Comparable) An order.
method Shop.Order.price 10-10
method Shop.Order.name 10-10
method Shop.Order.total 11-11
method Shop.Order.build 12-14
function Shop.Order.build.inner 13-13
method Shop.Order.make 16-16
method Shop.Order.== 18-18
class Shop.Order.Point 19-21
method Shop.Order.Point.dist 20-20
class Shop.A.B 23-23
method Shop.A.B.m? 23-23
function top 25-25
import json * -
import ./lib/x * -
import foo Foo Foo
"""
    )
