(function_definition name: (word) @name) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name) @variable))
((command name: (command_name) @_source . argument: [(word) (string) (concatenation) (raw_string)] @module)
  (#any-of? @_source "source" ".") (#set! imported "*"))
