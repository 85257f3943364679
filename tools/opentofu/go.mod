// The OpenTofu that `make opentofu` builds. It is built in its own module, with that one's dependencies.
module oss-restore/tools/opentofu

go 1.26.6

require github.com/opentofu/opentofu v1.12.6
