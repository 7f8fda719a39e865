; Decorated definitions match twice; the wider match wins, so that the decorators are inside.
(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function
(decorated_definition definition: (class_definition name: (identifier) @name)) @class
(decorated_definition definition: (function_definition name: (identifier) @name)) @function

(class_definition body: (block . (comment)* . (expression_statement . (string (string_content) @doc))))
(function_definition body: (block . (comment)* . (expression_statement . (string (string_content) @doc))))
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript) (call)] @base))

(module (expression_statement (assignment left: (identifier) @name)) @variable)
(module (expression_statement (assignment left: (pattern_list (identifier) @name))) @variable)
(module (expression_statement (assignment right: (assignment left: (identifier) @name))) @variable)
(module (type_alias_statement left: (type (identifier) @name)) @variable)
; Those inside of functions and classes match too and are dropped ("at").
([
  (if_statement (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (elif_clause (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (else_clause (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (try_statement (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (except_clause (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (finally_clause (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
  (with_statement (block (expression_statement [(assignment left: (identifier) @name) (assignment right: (assignment left: (identifier) @name))]) @variable))
] (#set! at "module"))

(import_statement name: (dotted_name) @module)
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias))
(import_from_statement module_name: (_) @module name: (dotted_name) @imported)
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @imported alias: (identifier) @alias))
(import_from_statement module_name: (_) @module (wildcard_import) @imported)
