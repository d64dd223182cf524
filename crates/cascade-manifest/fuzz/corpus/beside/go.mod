module registry.example/own

go 1.21

require registry.example/a v1.0.0

---
module registry.example/own

go 1.22

require registry.example/a v1.0.0

require registry.example/b v1.0.0 // indirect
