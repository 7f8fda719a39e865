(function_declaration name: (_) @name) @function
(assignment_statement (variable_list . name: (_) @name) (expression_list . value: (function_definition))) @function
(field name: (identifier) @name value: (function_definition)) @function
(chunk (assignment_statement (variable_list name: (identifier) @name)) @variable)
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name)) @variable))
((function_call name: (identifier) @_require arguments: (arguments . (string content: (_) @module)))
  (#eq? @_require "require") (#set! fallback "yes"))
((assignment_statement
  (variable_list . name: (identifier) @alias)
  (expression_list . value: (function_call name: (identifier) @_require arguments: (arguments . (string content: (_) @module)))))
  (#eq? @_require "require"))
