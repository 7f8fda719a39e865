(class_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(delegate_declaration name: (identifier) @name) @class
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(property_declaration name: (identifier) @name) @method
(local_function_statement name: (identifier) @name) @function

(base_list [(identifier) (qualified_name) (generic_name)] @base)
(primary_constructor_base_type . (_) @base)

((using_directive !name [(identifier) (qualified_name) (alias_qualified_name)] @module) (#set! imported "*"))
(using_directive name: (identifier) @alias [(qualified_name) (generic_name)] @module)
