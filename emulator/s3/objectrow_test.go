package s3

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// fillIn gives every exported field below v a value of its own.
func fillIn(v reflect.Value, n *int64) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+*n, 0).UTC()))
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("text-%d", *n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(*n << 10)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem(), n)
	case v.Type() == reflect.TypeFor[[]byte]():
		v.SetBytes(fmt.Appendf(nil, "bytes-%d", *n))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillIn(v.Index(0), n)
		fillIn(v.Index(1), n)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 3 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillIn(key, n)
			fillIn(value, n)
			v.SetMapIndex(key, value)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillIn(v.Field(i), n)
			}
		}
	default:
		panic("a field of kind " + v.Kind().String())
	}
}

// A row holds every field of an object. Who adds one to Object finds it missing here.
func TestObjectRow(t *testing.T) {
	var full Object
	var n int64
	fillIn(reflect.ValueOf(&full).Elem(), &n)
	nobody := Object{Key: "k", Modified: time.Unix(1, 0).UTC(), ACL: ACL{Grants: []Grant{}}}
	for _, o := range []Object{full, nobody, {Modified: time.Unix(0, 0).UTC()}} {
		row, err := o.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got Object
		if err := got.UnmarshalBinary(row); err != nil || !reflect.DeepEqual(got, o) {
			t.Errorf("%v\ngot  %+v\nwant %+v", err, got, o)
		}
	}
}

// A row that breaks off, or holds anything, is an error or an object, and takes no more memory than it has bytes.
func FuzzObjectRow(f *testing.F) {
	var full Object
	var n int64
	fillIn(reflect.ValueOf(&full).Elem(), &n)
	row, _ := full.AppendBinary(nil)
	f.Add(row)
	f.Add(row[:len(row)/2])
	f.Add([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, row []byte) {
		var o Object
		if o.UnmarshalBinary(row) != nil {
			return
		}
		again, err := o.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		var same Object
		if err := same.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(o, same) {
			t.Errorf("%v: %+v, then %+v", err, o, same)
		}
	})
}

// A row cut off inside a field is an error; one that ends after a field was written before the others were added.
func TestObjectRowCut(t *testing.T) {
	var full Object
	var n int64
	fillIn(reflect.ValueOf(&full).Elem(), &n)
	row, _ := full.AppendBinary(nil)
	var o Object
	if err := o.UnmarshalBinary(row[:len("\x01\x0etext")]); err == nil {
		t.Error("a row cut off inside its first text was read")
	}
	if err := o.UnmarshalBinary(nil); err == nil {
		t.Error("nothing was read as a row")
	}
	older, _ := (&Object{BucketID: "b", Key: "k"}).AppendBinary(nil)
	if err := o.UnmarshalBinary(older[:len("\x01\x02b\x02k")]); err != nil || o.Key != "k" || o.VersionID != "" {
		t.Errorf("a row of two fields: %+v, %v", o, err)
	}
}

// Data directories from before rows were binary have them as JSON.
func TestObjectRowJSON(t *testing.T) {
	st, err := store.Open("", store.Options{Durability: store.Memory})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	old := Object{BucketID: "b", Key: "k", Owner: "111122223333", Size: 3, ETag: "e"}
	text, _ := json.Marshal(old)
	if err := st.Update(t.Context(), func(tx *store.Tx) error { return tx.Put("s3/object", store.Key("b", "k"), text) }); err != nil {
		t.Fatal(err)
	}
	err = st.View(t.Context(), func(tx *store.Tx) error {
		o, ok, err := current.Get(tx, store.Key("b", "k"))
		if err != nil || !ok || o.Owner != old.Owner || o.Size != 3 {
			t.Errorf("%+v, %v, %v", o, ok, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
