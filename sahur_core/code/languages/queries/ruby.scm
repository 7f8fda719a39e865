(class name: (_) @name) @class
(module name: (_) @name) @class
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
((call method: (identifier) @_method arguments: (argument_list (simple_symbol) @name)) @method
  (#any-of? @_method "attr_reader" "attr_writer" "attr_accessor" "define_method"))
((assignment left: (constant) @name right: (call receiver: (constant) @_class method: (identifier) @_method)) @class
  (#any-of? @_class "Struct" "Class" "Module" "Data") (#any-of? @_method "new" "define"))
(assignment left: (constant) @name) @variable

(class superclass: (superclass (_) @base))
((call method: (identifier) @_method arguments: (argument_list [(constant) (scope_resolution)] @base))
  (#any-of? @_method "include" "extend" "prepend"))

((call method: (identifier) @_method arguments: (argument_list . (string (string_content) @module)))
  (#any-of? @_method "require" "load") (#set! imported "*"))
((call method: (identifier) @_method arguments: (argument_list . (string (string_content) @module)))
  (#eq? @_method "require_relative") (#set! imported "*") (#set! prefix "./"))
((call method: (identifier) @_method arguments: (argument_list . (simple_symbol) @imported (string (string_content) @module)))
  (#eq? @_method "autoload"))
