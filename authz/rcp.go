package authz

import "slices"

// rcpChecks are those of resource control policies ("RCP syntax", AWS Organizations User Guide). The messages are not
// AWS's: Organizations says of each only that the document does not meet the requirements.
var rcpChecks = append([]func(*Policy) *fault{checkVersion, checkOnlyDenies, checkEverybody, checkNoNotAction}, resourceChecks...)

// checkOnlyDenies: only AWS's own RCPFullAWSAccess allows.
func checkOnlyDenies(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if !s.denies() {
			return s.fault("Effect", "", "A resource control policy can only deny.")
		}
		return nil
	})
}

// checkEverybody: whom a statement is about is for its conditions to say.
func checkEverybody(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		switch {
		case s.notPrincipal:
			return s.fault("NotPrincipal", "", "A resource control policy cannot have NotPrincipal.")
		case s.principals != nil && !s.principals.everyone && !slices.Equal(s.principals.aws, []string{"*"}):
			return s.fault("Principal", "", `The Principal of a resource control policy must be "*".`)
		}
		return nil
	})
}

func checkNoNotAction(p *Policy) *fault {
	return p.each(func(s *statement) *fault {
		if s.actions.not {
			return s.fault("NotAction", "", "A resource control policy cannot have NotAction.")
		}
		return nil
	})
}
