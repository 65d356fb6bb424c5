# make lesson   carries out the first lesson with the real AWS CLI
# make test     runs all that CI runs
# make build    makes bin/xemu
# make bench    prints the performance ratios

GO ?= go

.PHONY: build lesson test lint bench generate

build:
	$(GO) build -trimpath -ldflags="-s -w" -o bin/xemu ./cmd/xemu

lesson: build
	./setup.sh
	bin/xemu tutorial run cross-account-role

test:
	./setup.sh
	$(MAKE) lint
	$(GO) test -race -timeout 20m ./...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench: build
	$(GO) test -run '^$$' -bench . -benchtime 1s ./authz ./emulator/sigv4 ./emulator/wire ./store
	$(GO) run ./bench

generate:
	$(GO) generate ./...
