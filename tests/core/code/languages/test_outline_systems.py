"""Outlines of Go, Rust, C and C++."""

from __future__ import annotations

from tests.core.code.languages.outlined import outlined

GO = """\
// Package shop.
package shop

import (
	"fmt"
	log "github.com/x/log"
	. "math"
	_ "embed"
	"github.com/y/z/v2"
)

const Limit = 5
var (
	A, B = 1, 2
	handler = func() {}
)

// Order is an order.
type Order struct {
	*Base
	io.Reader
	Name string
}
type Kind int
type Shop interface {
	fmt.Stringer
	// Sell sells.
	Sell(o Order) error
}
type List[T any] struct{}

// Total adds.
func (o *Order) Total() int { f := func() {}; f(); return 1 }
func (l List[T]) Len() int { return 0 }
func (*List[T]) Cap() {}
func main() { var x = 1; const y = 2 }
"""


def test_go_methods_are_named_by_their_receiver() -> None:
    assert (
        outlined("shop.go", GO)
        == """\
variable Limit 12-12
variable A 14-14
variable B 14-14
function handler 15-15
class Order 19-23 (Base, io.Reader) Order is an order.
class Kind 24-24
class Shop 25-29 (fmt.Stringer)
method Shop.Sell 28-28 Sell sells.
class List 30-30
method Order.Total 33-33 Total adds.
function Order.Total.f 33-33
method List.Len 34-34
method List.Cap 35-35
function main 36-36
import fmt - fmt
import github.com/x/log - log
import math * -
import embed * -
import github.com/y/z/v2 - z
"""
    )


RUST = """\
//! crate
use std::{fmt, io::{self, Read as R}, collections::*};
pub use crate::a::B;
mod other;
extern crate serde as s;
/// An order.
#[derive(Debug)]
/// more
pub struct Order<T> { x: T }
const LIMIT: u8 = 5;
impl<T> fmt::Display for Order<T> {
    fn fmt(&self) {}
}
impl<T> Order<T> {
    const X: u8 = 1;
    /// total
    #[inline]
    pub async fn total(&self) { fn inner() {} let x = 1; }
}
trait Shop: Sell + Clone { fn sell(&self); fn buy() {} }
enum E { A, B }
macro_rules! mm { () => {} }
#[cfg(test)]
mod tests { use super::*; #[test] fn works() {} }
"""


def test_rust_methods_are_named_by_the_type_of_their_impl() -> None:
    assert (
        outlined("shop.rs", RUST)
        == """\
class Order 7-9 (fmt::Display) more
variable LIMIT 10-10
method Order.fmt 12-12
variable Order.X 15-15
method Order.total 17-18 total
function Order.total.inner 18-18
class Shop 20-20 (Sell, Clone)
method Shop.sell 20-20
method Shop.buy 20-20
class E 21-21
function mm 22-22
class tests 23-24
method tests.works 24-24
import std fmt fmt
import std::io - io
import std::io Read R
import std::collections * -
import crate::a B B
import self::other - other
import serde - s
import super * -
"""
    )


C = """\
#include <stdio.h>
#include "shop.h"
#define LIMIT 5
#define MAX(a,b) ((a)>(b)?(a):(b))
/* A point. */
struct point { int x; };
typedef struct { int y; } other_t;
typedef struct node { int z; } node_t;
enum color { RED };
static int counter = 0, *ptr;
char names[3] = "x";
int proto(int);
/*
 * Adds.
 */
static int add(int a, int b)
{
  int local = 1;
  return a + b;
}
char *name(void) { return 0; }
char **names2(void) { return 0; }
#ifdef X
int flag;
void only(void) {}
#endif
"""


def test_c_functions_structs_and_macros() -> None:
    assert (
        outlined("shop.c", C)
        == """\
variable LIMIT 3-3
function MAX 4-4
class point 6-6 A point.
class other_t 7-7
class node 8-8
class color 9-9
variable counter 10-10
variable ptr 10-10
variable names 11-11
function add 16-20 Adds.
function name 21-21
function names2 22-22
variable flag 24-24
function only 25-25
import stdio.h * -
import shop.h * -
"""
    )


CPP = """\
#include <vector>
namespace shop {
/// An order.
template <typename T>
class Order : public Base<T>, private ns::Other {
 public:
  Order() : x(1) {}
  ~Order() {}
  int total() const { return 1; }
  T& ref() { return x; }
  bool operator==(const Order& o) const { return true; }
  operator bool() const { return true; }
  int later();
  struct Inner { void f() {} };
  enum class K { A };
};
}
int shop::Order::later() { auto f = [](int a) { return a; }; return 1; }
template <> int Order<int>::total() const { return 2; }
static const int LIMIT = 5;
using Vec = std::vector<int>;
Order* make() { return 0; }
std::string& Foo::bar() { }
TEST(Foo, Bar) { int x; }
"""


def test_cpp_methods_inside_and_outside_of_their_class() -> None:
    assert (
        outlined("shop.cpp", CPP)
        == """\
class Order 4-16 (Base<T>, ns::Other) An order.
method Order.Order 7-7
method Order.~Order 8-8
method Order.total 9-9
method Order.ref 10-10
method Order.operator== 11-11
method Order.operator bool 12-12
class Order.Inner 14-14
method Order.Inner.f 14-14
class Order.K 15-15
method shop.Order.later 18-18
function shop.Order.later.f 18-18
method Order.total 19-19
variable LIMIT 20-20
class Vec 21-21
function make 22-22
method Foo.bar 23-23
function TEST 24-24
import vector * -
"""
    )
