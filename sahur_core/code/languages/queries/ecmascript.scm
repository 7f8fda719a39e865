; JavaScript and TypeScript.
(class_declaration name: (_) @name) @class
(export_statement decorator: (decorator) declaration: (class_declaration name: (_) @name)) @class
(variable_declarator name: (identifier) @name value: (class)) @class
(assignment_expression left: (member_expression property: (property_identifier) @name) right: (class)) @class

(function_declaration name: (identifier) @name) @function
(function_expression name: (identifier) @name) @function
(generator_function name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @method
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @function
; const f = useCallback(() => …), debounce(function () …)
(variable_declarator name: (identifier) @name
  value: (call_expression arguments: (arguments . [(arrow_function) (function_expression)]))) @function
(pair key: (property_identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @method
((pair key: (string) @name value: [(arrow_function) (function_expression) (generator_function)]) @method
  (#match? @name "^.[\\w$.:/-]+.$"))
(assignment_expression left: (identifier) @name right: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression
  left: (member_expression property: (_) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @function
; Foo.prototype.bar = function, Foo.bar = function
((assignment_expression
  left: (member_expression
    object: (member_expression object: (identifier) @qualifier property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @method
  (#eq? @_prototype "prototype"))
((assignment_expression
  left: (member_expression object: (identifier) @qualifier property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @method
  (#match? @qualifier "^[A-Z]"))

(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(program (export_statement declaration: (_ (variable_declarator name: (identifier) @name) @variable)))

(decorator) @annotation

((import_statement source: (string) @module) (#set! imported "*") (#set! fallback "yes"))
((import_statement (import_clause (identifier) @alias) source: (string) @module) (#set! imported "default"))
(import_statement (import_clause (named_imports (import_specifier !alias name: (_) @imported))) source: (string) @module)
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @imported alias: (identifier) @alias))) source: (string) @module)
(import_statement (import_clause (namespace_import (identifier) @alias)) source: (string) @module)
((export_statement source: (string) @module) (#set! imported "*") (#set! fallback "yes"))
(export_statement (export_clause (export_specifier !alias name: (_) @imported)) source: (string) @module)
(export_statement (export_clause (export_specifier name: (_) @imported alias: (_) @alias)) source: (string) @module)
((call_expression function: (import) arguments: (arguments . (string) @module)) (#set! imported "*"))
((call_expression function: (identifier) @_require arguments: (arguments . (string) @module))
  (#eq? @_require "require") (#set! imported "*") (#set! fallback "yes"))
((variable_declarator
  name: (identifier) @alias
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)))
  (#eq? @_require "require"))
((variable_declarator
  name: (object_pattern (shorthand_property_identifier_pattern) @imported)
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)))
  (#eq? @_require "require"))
((variable_declarator
  name: (object_pattern (pair_pattern key: (property_identifier) @imported value: (identifier) @alias))
  value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)))
  (#eq? @_require "require"))
