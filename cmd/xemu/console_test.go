package main

import "testing"

func TestConsole(t *testing.T) {
	x, dir := world(t)
	code, out, errors := xemu(t, "console", "--data", dir)
	if code != 0 {
		t.Fatalf("%d %s", code, errors)
	}
	says(t, out, x.URL+"/console/")
	for _, a := range x.Server.World().Accounts {
		says(t, out, a.ID, a.Admin.Name, a.Admin.Password, a.Root.Email, a.Root.Password)
	}
	if code, _, errors := xemu(t, "console", "--data", t.TempDir()); code == 0 {
		t.Error("it shows the console of a server that there is not")
	} else {
		says(t, errors, "start one with 'xemu serve")
	}
}
