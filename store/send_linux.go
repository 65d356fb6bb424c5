package store

import (
	"os"
	"syscall"
)

// send begins to write a piece of a file to the disk and does not wait for it. It promises nothing: Sync does.
func send(f *os.File, offset, length int64) {
	const syncFileRangeWrite = 2 // SYNC_FILE_RANGE_WRITE, sync_file_range(2)
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { syscall.SyncFileRange(int(fd), offset, length, syncFileRangeWrite) })
}
