; C, and what C++ has in common with it.
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator (function_declarator declarator: (identifier) @name))) @function
(function_definition declarator: (pointer_declarator (pointer_declarator (function_declarator declarator: (identifier) @name)))) @function
(preproc_function_def name: (identifier) @name) @function

(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @class
(type_definition
  type: [(struct_specifier !name body: (_)) (union_specifier !name body: (_)) (enum_specifier !name body: (_))]
  declarator: (type_identifier) @name) @class

(preproc_def name: (identifier) @name) @variable
(declaration declarator: [
  (identifier) @name
  (pointer_declarator (identifier) @name)
  (array_declarator (identifier) @name)
  (init_declarator declarator: (identifier) @name)
  (init_declarator declarator: (pointer_declarator (identifier) @name))
  (init_declarator declarator: (array_declarator (identifier) @name))
]) @variable

((preproc_include path: [(string_literal) (system_lib_string)] @module) (#set! imported "*"))
