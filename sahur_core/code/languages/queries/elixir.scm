; Everything is a call of a macro; an arity is not part of a name, so that several clauses share theirs.
((call target: (identifier) @_macro (arguments . (alias) @name) (do_block)) @class
  (#any-of? @_macro "defmodule" "defprotocol"))
((call target: (identifier) @_macro (arguments . (alias) @name) (do_block)) @scope (#eq? @_macro "defimpl"))
((call target: (identifier) @_macro (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")
  ])) @function
  (#any-of? @_macro "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp" "defdelegate"))
((unary_operator operator: "@" operand: (call target: (identifier) @_doc (arguments . (string (quoted_content) @doc))))
  (#eq? @_doc "moduledoc"))
((unary_operator operator: "@" operand: (call target: (identifier) @_doc)) @annotation
  (#any-of? @_doc "doc" "spec" "impl" "deprecated" "since" "dialyzer"))
((unary_operator operator: "@" operand: (call target: (identifier) @_doc (arguments . (string (quoted_content) @ahead))))
  (#eq? @_doc "doc"))
((call target: (identifier) @_macro (arguments . (alias) @base)) (#eq? @_macro "use"))
((call target: (identifier) @_macro (arguments . (alias) @module))
  (#any-of? @_macro "use" "import" "require") (#set! imported "*"))
((call target: (identifier) @_macro (arguments . (alias) @module .)) (#eq? @_macro "alias"))
((call target: (identifier) @_macro (arguments . (alias) @module (keywords (pair value: (alias) @alias)))) (#eq? @_macro "alias"))
((call target: (identifier) @_macro (arguments . (dot left: (alias) @module right: (tuple (alias) @imported)))) (#eq? @_macro "alias"))
