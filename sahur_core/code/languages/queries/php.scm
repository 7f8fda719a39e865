(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @class
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @class
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(const_element (name) @name) @variable

(base_clause (_) @base)
(class_interface_clause (_) @base)
(use_declaration [(name) (qualified_name)] @base)

(namespace_use_declaration) @tree
([
  (require_expression (string) @module)
  (require_once_expression (string) @module)
  (include_expression (string) @module)
  (include_once_expression (string) @module)
] (#set! imported "*"))
; require __DIR__ . '/x.php'
([
  (require_expression (binary_expression (name) right: (string) @module))
  (require_once_expression (binary_expression (name) right: (string) @module))
  (include_expression (binary_expression (name) right: (string) @module))
  (include_once_expression (binary_expression (name) right: (string) @module))
] (#set! imported "*") (#set! prefix "."))
