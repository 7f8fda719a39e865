(class_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(annotation_type_declaration name: (identifier) @name) @class
(enum_constant name: (identifier) @name body: (class_body)) @class
(method_declaration name: (identifier) @name) @method
(annotation_type_element_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(compact_constructor_declaration name: (identifier) @name) @method

(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))

((import_declaration [(scoped_identifier) (identifier)] @module) (#set! split ".") (#set! fallback "yes"))
((import_declaration [(scoped_identifier) (identifier)] @module (asterisk)) (#set! imported "*"))
