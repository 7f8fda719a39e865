; What a companion object holds is called by the name of its class; an extension function by its bare name.
(class_declaration name: (_) @name) @class
(object_declaration name: (_) @name) @class
(enum_entry (identifier) @name (class_body)) @class
(type_alias type: (identifier) @name) @class
(function_declaration name: (_) @name) @function
(secondary_constructor "constructor" @name) @method
(property_declaration (variable_declaration (identifier) @name) [(getter) (setter) (property_delegate)]) @method
(property_declaration (variable_declaration (identifier) @name) [(lambda_literal) (anonymous_function)]) @function
(source_file (property_declaration (variable_declaration (identifier) @name)) @variable)

(delegation_specifier [
  (user_type) @base
  (constructor_invocation (user_type) @base)
  (explicit_delegation (user_type) @base)
])

((import (qualified_identifier) @module) (#set! split ".") (#set! fallback "yes"))
((import (qualified_identifier) @module "as" (identifier) @alias) (#set! split "."))
((import (qualified_identifier) @module "*") (#set! imported "*"))
