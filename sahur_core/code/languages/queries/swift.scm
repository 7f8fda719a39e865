(class_declaration declaration_kind: ["class" "struct" "enum" "actor"] name: (_) @name) @class
(class_declaration declaration_kind: "extension" name: (_) @name) @scope
(protocol_declaration name: (_) @name) @class
(typealias_declaration name: (type_identifier) @name) @class
(function_declaration name: (simple_identifier) @name) @function
(protocol_function_declaration name: (simple_identifier) @name) @function
(init_declaration "init" @name) @method
(deinit_declaration "deinit" @name) @method
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_)) @method
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @variable)
(inheritance_specifier inherits_from: (_) @base)
((import_declaration (identifier) @module) (#set! imported "*"))
