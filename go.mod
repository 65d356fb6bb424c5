module github.com/xemu-aws/xemu

go 1.26
