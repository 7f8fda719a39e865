(abstract_class_declaration name: (_) @name) @class
(export_statement decorator: (decorator) declaration: (abstract_class_declaration name: (_) @name)) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(type_alias_declaration name: (_) @name) @class
(internal_module name: (_) @name) @class
(module name: (identifier) @name) @class

(public_field_definition name: (_) @name value: [(arrow_function) (function_expression)]) @method
(abstract_method_signature name: (_) @name) @method
(interface_body (method_signature name: (_) @name) @method)
(function_signature name: (identifier) @name) @function

(extends_clause value: (_) @base)
(implements_clause (_) @base)
(extends_type_clause type: (_) @base)

(import_statement (import_require_clause (identifier) @alias source: (string) @module))
