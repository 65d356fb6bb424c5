# make lesson   carries out the first lesson with the real AWS CLI
# make test     runs all that CI runs
# make build    makes bin/xemu
# make console  builds the web console's front end
# make bench    prints the performance ratios

GO ?= go

.PHONY: build console lesson test lint bench generate

build:
	$(GO) build -trimpath -ldflags="-s -w" -o bin/xemu ./cmd/xemu

console:
	npm ci --prefix emulator/console/web --ignore-scripts --no-audit --no-fund
	npm run build --prefix emulator/console/web

lesson: build
	./setup.sh lesson
	bin/xemu tutorial run cross-account-role

test:
	./setup.sh
	$(MAKE) lint
	XEMU_BROWSER=required $(GO) test -race -timeout 20m ./...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench: build
	$(GO) test -run '^$$' -bench . -benchtime 1s ./authz ./emulator/sigv4 ./emulator/wire ./store
	$(GO) run ./bench

generate:
	$(GO) generate ./...
