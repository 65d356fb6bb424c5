package store_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/store"
)

type user struct {
	Account, Name string
	Keys          []string
	Tags          map[string]string
}

var users = store.NewTable("users", func(u *user) string { return store.Key(u.Account, u.Name) },
	store.Index[user]{Name: "key", Keys: func(u *user) []string { return u.Keys }},
	store.Index[user]{Name: "name", Keys: func(u *user) []string { return []string{strings.ToLower(u.Name)} }})

// names joins the users that a scan yields.
func names(t *testing.T, scan iter.Seq2[user, error]) string {
	t.Helper()
	var names []string
	for u, err := range scan {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, u.Account+"/"+u.Name)
	}
	return strings.Join(names, " ")
}

func putUsers(us ...user) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		for _, u := range us {
			if err := users.Put(tx, &u); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestTable(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mustUpdate(t, s, putUsers(
			user{Account: "2", Name: "alice", Keys: []string{"K3"}},
			user{Account: "1", Name: "bob", Keys: []string{"K1", "K2", "K1"}, Tags: map[string]string{"a": "<&>"}},
			user{Account: "1", Name: "Alice"},
			user{Account: "10", Name: "carol"},
		))
		s.View(ctx, func(tx *store.Tx) error {
			bob, ok, err := users.Get(tx, store.Key("1", "bob"))
			if err != nil || !ok || !slices.Equal(bob.Keys, []string{"K1", "K2", "K1"}) || bob.Tags["a"] != "<&>" {
				t.Errorf("Get: %+v, %v, %v", bob, ok, err)
			}
			if _, ok, err := users.Get(tx, store.Key("1", "eve")); ok || err != nil {
				t.Errorf("Get of an absent user: %v, %v", ok, err)
			}
			behind := store.After(store.Key("1", "Alice"))
			for _, test := range []struct {
				scan iter.Seq2[user, error]
				want string
			}{
				{users.Scan(tx, "", ""), "1/Alice 1/bob 10/carol 2/alice"},
				{users.Scan(tx, store.Key("1"), ""), "1/Alice 1/bob"},
				{users.Scan(tx, store.Key("1"), behind), "1/bob"},
				{users.ByIndex(tx, "name", "alice"), "1/Alice 2/alice"},
				{users.ByIndex(tx, "name", "ali"), ""},
				{users.ByIndex(tx, "name", "carol"), "10/carol"},
				{users.ByIndex(tx, "key", "K3"), "2/alice"},
				{users.ByIndexFrom(tx, "name", "alice", store.Key("1", "Alice")), "1/Alice 2/alice"},
				{users.ByIndexFrom(tx, "name", "alice", behind), "2/alice"},
				{users.ByIndexFrom(tx, "name", "alice", store.Key("3")), ""},
			} {
				if got := names(t, test.scan); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
			return nil
		})
	})
}

func TestIndexesFollow(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		byKey := func() string {
			var found []string
			s.View(ctx, func(tx *store.Tx) error {
				for _, k := range []string{"K1", "K2", "K3"} {
					found = append(found, names(t, users.ByIndex(tx, "key", k)))
				}
				return nil
			})
			return strings.Join(found, ",")
		}
		steps := []struct {
			do   func(*store.Tx) error
			want string
		}{
			{putUsers(user{Account: "1", Name: "bob", Keys: []string{"K1", "K2"}}), "1/bob,1/bob,"},
			{putUsers(user{Account: "1", Name: "bob", Keys: []string{"K2", "K3"}}), ",1/bob,1/bob"},
			{putUsers(user{Account: "1", Name: "eve", Keys: []string{"K3"}}), ",1/bob,1/bob 1/eve"},
			{func(tx *store.Tx) error { return users.Delete(tx, store.Key("1", "nobody")) }, ",1/bob,1/bob 1/eve"},
			{func(tx *store.Tx) error { return users.Delete(tx, store.Key("1", "bob")) }, ",,1/eve"},
			{func(tx *store.Tx) error { return users.Delete(tx, store.Key("1", "eve")) }, ",,"},
		}
		for i, step := range steps {
			mustUpdate(t, s, step.do)
			if got := byKey(); got != step.want {
				t.Errorf("step %d: %q, want %q", i, got, step.want)
			}
		}
		for _, space := range []string{"users", "users/key", "users/name"} {
			if left := pairs(t, s, space, "", ""); len(left) > 0 {
				t.Errorf("left in %s: %q", space, left)
			}
		}
	})
}

func TestTableDeletesWhileScanning(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			for i := range 300 {
				if err := users.Put(tx, &user{Account: "1", Name: fmt.Sprint(i), Keys: []string{"K"}}); err != nil {
					return err
				}
			}
			return nil
		})
		mustUpdate(t, s, func(tx *store.Tx) error {
			for u, err := range users.ByIndex(tx, "key", "K") {
				if err != nil {
					return err
				}
				if err := users.Delete(tx, store.Key(u.Account, u.Name)); err != nil {
					return err
				}
			}
			return nil
		})
		if left := pairs(t, s, "users", "", ""); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	})
}

func TestTableUndecodable(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Durability: store.Memory})
	mustUpdate(t, s, putUsers(user{Account: "1", Name: "a"}, user{Account: "1", Name: "c"}))
	mustUpdate(t, s, put("users", store.Key("1", "b"), `{"Name": 7}`))
	mustUpdate(t, s, func(tx *store.Tx) error {
		if _, ok, err := users.Get(tx, store.Key("1", "b")); ok || err == nil {
			t.Errorf("Get: %v, %v", ok, err)
		}
		var got []string
		for u, err := range users.Scan(tx, "", "") {
			if err != nil {
				got = append(got, "error")
			} else {
				got = append(got, u.Name)
			}
		}
		if !slices.Equal(got, []string{"a", "error"}) {
			t.Errorf("Scan: %q", got)
		}
		return nil
	})
}
