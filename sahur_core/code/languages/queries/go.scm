(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @qualifier
    (generic_type type: (type_identifier) @qualifier)
    (pointer_type (type_identifier) @qualifier)
    (pointer_type (generic_type type: (type_identifier) @qualifier))
  ]))
  name: (field_identifier) @name) @method
(type_spec name: (type_identifier) @name) @class
(type_alias name: (type_identifier) @name) @class
(interface_type (method_elem name: (field_identifier) @name) @method)
(var_spec name: (identifier) @name value: (expression_list (func_literal))) @function
(short_var_declaration left: (expression_list . (identifier) @name) right: (expression_list . (func_literal))) @function

(struct_type (field_declaration_list (field_declaration !name type: (_) @base)))
(interface_type (type_elem (_) @base))

(const_spec name: (identifier) @name) @variable
(var_spec name: (identifier) @name) @variable

(import_spec !name path: (_) @module)
(import_spec name: (package_identifier) @alias path: (_) @module)
((import_spec name: [(dot) (blank_identifier)] path: (_) @module) (#set! imported "*"))
