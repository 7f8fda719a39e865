(struct_item name: (_) @name) @class
(enum_item name: (_) @name) @class
(union_item name: (_) @name) @class
(trait_item name: (_) @name) @class
(type_item name: (_) @name) @class
(mod_item name: (_) @name body: (_)) @class
(impl_item type: [(type_identifier) (generic_type) (scoped_type_identifier) (primitive_type) (array_type) (dynamic_type)] @name) @scope
(impl_item type: (reference_type type: (_) @name)) @scope
(function_item name: (_) @name) @function
(function_signature_item name: (_) @name) @function
(macro_definition name: (_) @name) @function
(const_item name: (_) @name) @variable
(static_item name: (_) @name) @variable

(trait_item bounds: (trait_bounds (_) @base))
(impl_item trait: (_) @base)
(attribute_item) @annotation

(use_declaration argument: (_) @tree)
((mod_item !body name: (identifier) @module) (#set! prefix "self::"))
(extern_crate_declaration !alias name: (identifier) @module)
(extern_crate_declaration name: (identifier) @module alias: (identifier) @alias)
