; What C does not have.
(function_definition declarator: (function_declarator
  declarator: [(field_identifier) (qualified_identifier) (destructor_name) (operator_name) (template_function)] @name)) @function
(function_definition declarator: (pointer_declarator (function_declarator
  declarator: [(field_identifier) (qualified_identifier) (operator_name)] @name))) @function
(function_definition declarator: (reference_declarator (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name))) @function
(function_definition declarator: (operator_cast) @name) @function
(declaration declarator: (init_declarator declarator: (identifier) @name value: (lambda_expression))) @function

(class_specifier name: (_) @name body: (_)) @class
(struct_specifier name: [(template_type) (qualified_identifier)] @name body: (_)) @class
(alias_declaration name: (type_identifier) @name) @class
(concept_definition name: (identifier) @name) @class

(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)
(template_declaration (template_parameter_list) @annotation)
