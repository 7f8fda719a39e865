"""Outlines of Java, Kotlin, C#, Scala and Swift."""

from __future__ import annotations

from tests.core.code.languages.outlined import outlined

JAVA = """\
package com.shop;
import java.util.List;
import static org.junit.Assert.*;
import java.util.*;
/**
 * An order.
 */
@Entity
public class Order extends Base<Long> implements Serializable, Cloneable {
  private static final Logger LOG = Logger.getLogger("x");
  public Order() {}
  // total of it
  @Override public int total(List<X> a) { return 1; }
  static class Line { void price() {} }
  interface Visitor { void visit(Order o); }
  enum Kind { A { int f() { return 1; } }, B }
  record Point(int x) { Point { } }
  void run() { new Thread(new Runnable() { public void run() {} }); }
}
"""


def test_java_types_nest_and_annotations_belong_to_them() -> None:
    assert (
        outlined("shop.java", JAVA)
        == """\
class Order 8-19 (Base<Long>, Serializable, Cloneable) An order.
method Order.Order 11-11
method Order.total 13-13 total of it
class Order.Line 14-14
method Order.Line.price 14-14
class Order.Visitor 15-15
method Order.Visitor.visit 15-15
class Order.Kind 16-16
class Order.Kind.A 16-16
method Order.Kind.A.f 16-16
class Order.Point 17-17
method Order.Point.Point 17-17
method Order.run 18-18
method Order.run.run 18-18
import java.util List List
import org.junit.Assert * -
import java.util * -
"""
    )


KOTLIN = """\
package shop
import a.b.C
import a.b.D as E
import a.b.*
/** An order. */
@Serializable
data class Order<T>(val id: Int) : Base<T>(1), Sells by x, ns.Other {
    val price = 1
    constructor(x: Int) : this()
    init { }
    @Inject
    suspend fun total(a: Int): Int {
        fun inner() {}
        return 1
    }
    companion object {
        const val LIMIT = 5
        fun make() = Order()
    }
    inner class Line {
        fun price() {}
    }
    enum class Kind {
        A {
            override fun f() {}
        },
        B
    }
    val lazyThing by lazy { 1 }
    val size: Int
        get() = 1
}
interface Sells {
    fun sell()
}
object Shop {
    fun open() {}
}
fun String.shout(): String = uppercase()
fun <T> List<T>.second(): T = this[1]
val TOP = 5
val handler = { x: Int -> x }
typealias Name = String
sealed class Res {
    object Ok : Res()
}
fun top() {
    val local = 1
}
"""


def test_kotlin_companions_extensions_and_properties() -> None:
    assert (
        outlined("shop.kt", KOTLIN)
        == """\
class Order 6-32 (Base<T>, Sells, ns.Other) An order.
method Order.constructor 9-9
method Order.total 11-15
function Order.total.inner 13-13
method Order.make 18-18
class Order.Line 20-22
method Order.Line.price 21-21
class Order.Kind 23-28
class Order.Kind.A 24-26
method Order.Kind.A.f 25-25
method Order.lazyThing 29-29
method Order.size 30-31
class Sells 33-35
method Sells.sell 34-34
class Shop 36-38
method Shop.open 37-37
function shout 39-39
function second 40-40
variable TOP 41-41
function handler 42-42
class Name 43-43
class Res 44-46
class Res.Ok 45-45 (Res)
function top 47-49
import a.b C C
import a.b D E
import a.b * -
"""
    )


CSHARP = """\
using System;
using static System.Math;
using Json = Newtonsoft.Json.Linq;
namespace Shop.Core {
  /// <summary>An order.</summary>
  [Serializable]
  public class Order<T> : Base<T>, IOrder where T : class {
    public int Total { get { return 1; } }
    public Order(int x) : base(x) { }
    [Fact]
    public async Task<int> RunAsync() { int Local(int a) => a; return Local(1); }
    struct Inner { void F() {} }
    public static bool operator ==(Order a, Order b) => true;
  }
  interface IOrder { void Go(); }
  record Point(int X) : Base(X);
  enum K { A }
  delegate void Handler(int x);
}
"""


def test_csharp_members_and_local_functions() -> None:
    assert (
        outlined("shop.cs", CSHARP)
        == """\
class Order 6-14 (Base<T>, IOrder) An order.
method Order.Total 8-8
method Order.Order 9-9
method Order.RunAsync 10-11
function Order.RunAsync.Local 11-11
class Order.Inner 12-12
method Order.Inner.F 12-12
class IOrder 15-15
method IOrder.Go 15-15
class Point 16-16 (Base)
class K 17-17
class Handler 18-18
import System * -
import System.Math * -
import Newtonsoft.Json.Linq - Json
"""
    )


SCALA = """\
package shop
import a.b.{C, D => E}
import a.b._
import a.F
/** An order. */
@deprecated
case class Order(id: Int) extends Base with Sells with Other[Int] {
  val price = 1
  def total(a: Int): Int = { def inner() = 1; 1 }
}
object Order { def apply() = 1; val X = 2 }
trait Sells { def sell(): Unit; type T }
enum K { case A }
def top() = 1
val TOP = 1
"""


def test_scala_objects_traits_and_selectors() -> None:
    assert (
        outlined("shop.scala", SCALA)
        == """\
class Order 6-10 (Base, Sells, Other[Int]) An order.
method Order.total 9-9
function Order.total.inner 9-9
class Order 11-11
method Order.apply 11-11
class Sells 12-12
method Sells.sell 12-12
class Sells.T 12-12
class K 13-13
function top 14-14
variable TOP 15-15
import a.b C C
import a.b D E
import a.b * -
import a F F
"""
    )


SWIFT = """\
import Foundation
import class UIKit.UIView

/// An order.
@objc public class Order: Base, Sells {
    var price: Int { return 1 }
    init(x: Int) {}
    deinit {}
    func total(a: Int) -> Int {
        func inner() {}
        return 1
    }
    struct Line { func price() {} }
}

extension Order: Codable {
    func encode() {}
}

extension Array where Element == Int {
    func second() {}
}

protocol Sells { func sell() }
enum Kind { case a; func next() {} }
actor Till { func open() {} }
func top() { let local = 1 }
let limit = 5
typealias Name = String
"""


def test_swift_extensions_add_to_their_type() -> None:
    assert (
        outlined("shop.swift", SWIFT)
        == """\
class Order 5-14 (Base, Sells, Codable) An order.
method Order.price 6-6
method Order.init 7-7
method Order.deinit 8-8
method Order.total 9-12
function Order.total.inner 10-10
class Order.Line 13-13
method Order.Line.price 13-13
method Order.encode 17-17
method Array.second 21-21
class Sells 24-24
method Sells.sell 24-24
class Kind 25-25
method Kind.next 25-25
class Till 26-26
method Till.open 26-26
function top 27-27
variable limit 28-28
class Name 29-29
import Foundation * -
import UIKit.UIView * -
"""
    )
